// Runs the unit tests (src/**/*.test.ts), or with "browser" those in a browser (browser/*.test.ts), by node's runner.
// Words behind are parts of the names of the files to run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const words = process.argv.slice(2);
const inBrowser = words[0] === 'browser';
if (inBrowser) words.shift();
const folder = inBrowser ? 'browser' : 'src';
const tests = readdirSync(join(here, folder), { recursive: true })
  .map(String)
  .filter((f) => f.endsWith('.test.ts') || f.endsWith('.test.tsx'))
  .filter((f) => words.length === 0 || words.some((w) => f.includes(w)))
  .sort();
if (tests.length === 0) {
  console.error(`no test in ${folder} is named ${words.join(' or ')}`);
  process.exit(1);
}
const out = mkdtempSync(join(here, 'node_modules/.test-'));
try {
  await esbuild.build({
    absWorkingDir: here,
    entryPoints: tests.map((f) => join(folder, f)),
    outdir: out,
    outbase: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const files = tests.map((f) => join(out, f.replace(/\.tsx?$/, '.mjs')));
  const run = spawnSync(
    process.execPath,
    ['--enable-source-maps', '--test', '--test-reporter=spec', '--test-force-exit', ...(inBrowser ? ['--test-concurrency=1'] : []), ...files],
    { stdio: 'inherit', cwd: here, env: { ...process.env, PAGE: here } },
  );
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
