// A map that is open: tools, grid or text, what is wrong, and drawers for all that takes more room.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Empty } from '../parts/empty.tsx';
import { href } from '../router.ts';
import { t } from '../text/index.ts';
import type { MapFile, Session } from './api.ts';
import { Collisions } from './collisions.tsx';
import { Drawers, type Opening } from './drawers.tsx';
import { GridView, type MapGrid } from './gridview.tsx';
import { useFollowed, useOpened } from './hooks.ts';
import { DeskHead, Notices } from './deskhead.tsx';
import type { Opened } from './opened.ts';
import { ProblemList } from './problemlist.tsx';
import { Status } from './status.tsx';
import { TextEditor } from './texteditor.tsx';
import { Tools } from './tools.tsx';
import { asksOf, useDriver } from './ask/panel.tsx';
import { at, rangeOf, type Selection } from './selection.ts';

interface Props {
  file: MapFile;
  files: readonly MapFile[];
  session: Session;
  row: string; // a line of the file, to be led to
}

export function MapDesk(props: Props) {
  const { opened, fault } = useOpened(props.file.name);
  if (opened) return <Desk {...props} opened={opened} />;
  return (
    <>
      <h1>{t('view.maps')}</h1>
      {fault ? (
        <Empty>
          {t('common.error', { text: fault })} <a href={href('maps')}>{t('maps.all')}</a>
        </Empty>
      ) : (
        <p class="loading">{t('common.loading')}</p>
      )}
    </>
  );
}

function Desk({ file, files, session, opened, row }: Props & { opened: Opened }) {
  useFollowed(opened);
  const [opening, open] = useState<Opening>({ what: '' });
  const [device, setDevice] = useState(file.devices[0] ?? '');
  const [selection, select] = useState<Selection>(at(0, 0));
  const [grid, setGrid] = useState<MapGrid>();
  const find = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (file.etag !== opened.etag && !opened.dirty) void opened.rebase();
  }, [file.etag, opened]);
  useEffect(() => {
    if (grid && row !== '') leadToLine(opened, grid, Number(row));
  }, [grid, row]);
  const table = opened.table;
  const driver = useDriver(device);
  const asks = session.edit ? asksOf(driver) : [];
  return (
    <div class="mapdesk">
      <DeskHead file={file} files={files} opened={opened} session={session} device={device} setDevice={setDevice} open={open} />
      <Notices file={file} opened={opened} session={session} />
      <Collisions opened={opened} grid={grid} editable={session.edit} />
      {table ? (
        <>
          <Tools opened={opened} table={table} grid={grid} find={find} editable={session.edit} asks={asks} ask={(ask) => open({ what: 'ask', ask })} />
          <GridView
            opened={opened}
            editable={session.edit}
            device={device}
            find={() => find.current?.focus()}
            explain={(column) => open({ what: 'column', column })}
            selected={select}
            made={setGrid}
          />
          <Status table={table} selection={selection} />
        </>
      ) : (
        <TextEditor opened={opened} editable={session.edit} />
      )}
      <ProblemList opened={opened} grid={grid} />
      <Drawers opening={opening} open={open} close={() => open({ what: '' })} file={file} files={files} opened={opened} session={session} grid={grid} device={device} driver={driver} picked={rangeOf(selection)} />
    </div>
  );
}

function leadToLine(opened: Opened, grid: MapGrid, line: number): void {
  const { table } = opened;
  if (!table) return;
  for (let row = 0; row < table.rows; row++) if (table.number(row) === line) grid.lead(row, 0);
}
