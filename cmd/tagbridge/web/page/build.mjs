// Builds the page into dist: script, styles and index.html, each compressed, its name that of its content. The same
// sources give the same bytes: gzip is the system's, whose output does not change with the processor as zlib's in Node.js
// does.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = join(here, 'dist');

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: { main: 'src/main.tsx' },
  outdir: dist,
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  assetNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: ['chrome100', 'firefox100', 'safari15.4'],
  loader: { '.md': 'text' }, // parts of the manual
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none', // the licences are in configs/package/copyright
  write: false,
  metafile: true,
  logLevel: 'warning',
});

mkdirSync(dist, { recursive: true });
for (const old of readdirSync(dist)) {
  if (old !== '.keep') rmSync(join(dist, old));
}

const files = result.outputFiles.map((f) => ({ name: basename(f.path), content: Buffer.from(f.contents) }));
const named = (pattern) => {
  const found = files.filter((f) => pattern.test(f.name));
  if (found.length !== 1) throw new Error(`${found.length} files are named ${pattern}, not one`);
  return found[0].name;
};

// The parts that the script imports are fetched along with it, not after it.
const outputs = new Map(Object.entries(result.metafile.outputs).map(([path, o]) => [basename(path), o]));
const needed = new Set();
const need = (name) => {
  for (const i of outputs.get(name).imports) {
    const part = basename(i.path);
    if (i.kind !== 'import-statement' || needed.has(part)) continue;
    needed.add(part);
    need(part);
  }
};
need(named(/^main-.*\.js$/));
const preloads = [...needed].sort().map((name) => `<link rel="modulepreload" href="page/${name}">\n`);

const index = readFileSync(join(here, 'src/index.html'), 'utf8')
  .replace('SCRIPT', `page/${named(/^main-.*\.js$/)}`)
  .replace('PRELOADS\n', preloads.join(''))
  .replace('STYLE', `page/${named(/^main-.*\.css$/)}`);
files.push({ name: 'index.html', content: Buffer.from(index) });

let total = 0;
for (const f of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const packed = execFileSync('gzip', ['-9n'], { input: f.content, maxBuffer: 1 << 26 });
  writeFileSync(join(dist, `${f.name}.gz`), packed);
  total += packed.length;
}
console.log(`page: ${files.length} files, ${total} bytes compressed`);
