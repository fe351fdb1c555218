// What takes more room than the grid leaves: each in a drawer at the side.
import { Drawer } from '../parts/drawer.tsx';
import { t } from '../text/index.ts';
import { AskPanel, type Ask } from './ask/panel.tsx';
import { AppliedList } from './appliedlist.tsx';
import type { MapFile, Session } from './api.ts';
import { choices } from './columns.ts';
import { Differences } from './differences.tsx';
import { Files } from './files.tsx';
import type { MapGrid } from './gridview.tsx';
import { meaningOf } from './meanings.ts';
import type { Opened } from './opened.ts';
import type { Range } from './selection.ts';

/** What is shown at the side; "": nothing. */
export type Opening =
  | { what: '' | 'differences' | 'applied' | 'files' | 'keys' }
  | { what: 'column'; column: string }
  | { what: 'ask'; ask: Ask };

export interface DrawerProps {
  file: MapFile;
  files: readonly MapFile[];
  opened: Opened;
  session: Session;
  grid: MapGrid | undefined;
  device: string;
  close: () => void;
}

interface Props extends DrawerProps {
  opening: Opening;
  open: (o: Opening) => void;
  driver: string;
  picked: Range;
}

export function Drawers({ opening, open, driver, picked, ...props }: Props) {
  switch (opening.what) {
    case '':
      return null;
    case 'differences':
      return <Differences {...props} />;
    case 'applied':
      return <AppliedList {...props} />;
    case 'files':
      return <Files {...props} />;
    case 'keys':
      return <Keys close={props.close} />;
    case 'ask':
      return <AskPanel ask={opening.ask} driver={driver} picked={picked} choose={(ask) => open({ what: 'ask', ask })} {...props} />;
    case 'column':
      return <ColumnMeaning column={opening.column} close={props.close} />;
  }
}

function ColumnMeaning({ column, close }: { column: string; close: () => void }) {
  const list = choices.get(column);
  return (
    <Drawer title={t('maps.columnof', { column: column || '–' })} close={close}>
      <p>{meaningOf(column)}</p>
      {list ? <p class="mono">{list.join('  ')}</p> : null}
    </Drawer>
  );
}

const keys = [
  ['Enter, F2', 'maps.key.edit'],
  ['Alt+Enter', 'maps.key.line'],
  ['Esc', 'maps.key.cancel'],
  ['Shift+←↑→↓', 'maps.key.range'],
  ['Ctrl+Space, Shift+Space', 'maps.key.whole'],
  ['Ctrl+C, Ctrl+X, Ctrl+V', 'maps.key.clip'],
  ['Del', 'maps.key.clear'],
  ['Ctrl+D', 'maps.filldown'],
  ['Ctrl++, Ctrl+-', 'maps.key.rows'],
  ['Ctrl+Z, Ctrl+Y', 'maps.key.undo'],
  ['Ctrl+F', 'maps.find'],
  ['F8, Shift+F8', 'maps.key.problem'],
  ['F1', 'maps.meaning'],
  ['Tab', 'maps.key.leave'],
] as const;

function Keys({ close }: { close: () => void }) {
  return (
    <Drawer title={t('maps.keys')} close={close}>
      <table>
        <tbody>
          {keys.map(([key, text]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td class="wrap">{t(text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Drawer>
  );
}
