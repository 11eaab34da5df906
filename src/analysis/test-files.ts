/** Which files are tests: protected from fixes, and quiet in reports. */
const testFile = /(?:^|\/)(?:tests?|__tests__|specs?|__mocks__|fixtures?)\/|[.-](?:test|spec)\.[cm]?[jt]sx?$/;

export function isTestFile(file: string): boolean {
  return testFile.test(file);
}

/** Runs for its makers only: documentation, demonstrations, benchmarks. */
const sideFile = /(?:^|\/)(?:benchmarks?|bench|docs?|website|demos?)\//;

export function isSideFile(file: string): boolean {
  return sideFile.test(file);
}
