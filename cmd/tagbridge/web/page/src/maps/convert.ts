// Files of other forms, which the bridge reads and writes.

/** The text of a file that is taken as a map of that name. */
export async function convertFile(given: File): Promise<string> {
  const bytes = new Uint8Array(await given.arrayBuffer());
  return decode(bytes);
}

/** The text of a file as the bridge reads files: UTF-8, UTF-16 by its mark, else Windows-1252. */
export function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
