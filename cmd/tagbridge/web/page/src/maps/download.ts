// Saves what the page has as a file.

/** Saves a text under the last part of a name, in UTF-8. */
export function saveText(name: string, text: string): void {
  save(name, new Blob([text], { type: 'text/plain;charset=utf-8' }));
}

export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name.split(/[\\/]/).pop() || 'map.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
