/** Runs once before all suites. Rooms that need servers or binaries extend this; it must stay quick when warm. */
export default async function globalSetup(): Promise<void> {}
