// What devices, spreadsheets and colleagues call things.
import type { Device } from './plant.ts';

/** long has 2,000 characters: no map may have such a name, a server of somebody else's may. */
export const long = 'very-long-'.repeat(200);

/** hostile are names that a map may have. */
export const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  "it's & \"quoted\"",
  '&lt;b&gt;&amp;',
  '{name} ${name} %s $& $1',
  'עברית',
  '../../etc/passwd',
  'javascript:alert(1)',
  'ü'.repeat(127),
];

/** worse are texts that only the other side of a wire has. */
export const worse = [...hostile, '\u202eright-to-left\u202c', '=HYPERLINK("http://x";"y")', 'a\u0000b\nc\td', long];

const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** hostileMap is a map whose names, units and texts are hostile. */
export function hostileMap(): string {
  const rows = hostile.map((n, i) => `${cell(n)},${40001 + i},int16,${cell(n.slice(0, 60))}`);
  return ['tag,address,type,unit', ...rows, ''].join('\n');
}

/** hostileDevice has them. */
export const hostileDevice: Device = { name: 'mean', map: hostileMap() };

/** boiler is an ordinary device. */
export const boiler: Device = {
  name: 'boiler',
  map: 'tag,address,type,scale,unit\ntemperature,40001,int16,0.1,°C\npressure,40003,float32,,bar\nrunning,10001,,,\ncounter,40010,uint64,,\n',
};

/** absent is a device that nobody answers for. */
export const absent: Device = { name: 'press', map: 'tag,address\nforce,40001\n', served: false };
