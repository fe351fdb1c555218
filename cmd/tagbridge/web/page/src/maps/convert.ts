// Files of other forms, which the bridge reads.
import { post } from '../api.ts';

/** The text of a file that is taken as a map: of a workbook its first sheet, which the bridge reads. */
export async function convertFile(given: File): Promise<string> {
  const bytes = new Uint8Array(await given.arrayBuffer());
  if (!/\.xlsx$/i.test(given.name)) return decode(bytes);
  const { data } = await post<{ text: string }>('/api/v1/convert', { name: given.name, content: base64(bytes) }, { timeout: 60_000 });
  return data.text;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
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
