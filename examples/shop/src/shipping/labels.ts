export interface Address {
  readonly name: string;
  readonly lines: readonly string[];
  readonly postcode: string;
  readonly country: string;
}

/** The label's text, upper case, without empty lines. */
export function labelFor(address: Address): string {
  return [address.name, ...address.lines, address.postcode, address.country]
    .map((line) => line.trim().toUpperCase())
    .filter((line) => line !== '')
    .join('\n');
}

/** The postcodes that occur anywhere in the driver's note, which is free text. */
export function mentionedPostcodes(note: string, postcodes: readonly string[]): string[] {
  const text = note.toUpperCase();
  const mentioned: string[] = [];
  for (const postcode of postcodes) {
    if (text.includes(postcode)) mentioned.push(postcode);
  }
  return mentioned;
}
