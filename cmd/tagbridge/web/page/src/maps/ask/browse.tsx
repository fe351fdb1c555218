// Browse: the nodes of an OPC UA server as a tree. What is checked becomes rows of the map.
import { useEffect, useState } from 'preact/hooks';
import { count, t } from '../../text/index.ts';
import { browse } from './api.ts';
import { Refused, useAsking, type AskProps } from './panel.tsx';
import { Tree, type Place, type Rest } from './tree.ts';

const mostLines = 1000; // that are shown

export function Browse({ device, add }: AskProps) {
  const { busy, fault, run } = useAsking();
  const [tree] = useState(() => new Tree());
  const [, again] = useState(0);
  const changed = () => again((n) => n + 1);
  const fetchBelow = (place: Place | undefined, first = 0) =>
    run(async (signal) => {
      tree.take(place, await browse(device, place?.address ?? '', place?.path ?? [], first, signal));
      changed();
    });
  useEffect(() => fetchBelow(undefined), []);
  const open = (place: Place) => {
    tree.toggle(place);
    if (tree.isOpen(place) && !tree.knows(place)) fetchBelow(place);
    changed();
  };
  const lines = [...tree.lines()];
  const rows = tree.rows();
  return (
    <>
      <p>{t('ask.browse.means')}</p>
      <p class="line sticky">
        <button
          class="main"
          disabled={rows.length === 0}
          onClick={() => {
            add(rows);
            tree.uncheckAll();
            changed();
          }}
        >
          {rows.length === 0 ? t('ask.browse.addnone') : count('ask.browse.add', rows.length)}
        </button>
        {busy ? <span class="soft" role="status">{t('ask.busy')}</span> : null}
      </p>
      <Refused fault={fault} />
      {fault && !tree.knows(undefined) ? <button onClick={() => fetchBelow(undefined)}>{t('ask.again')}</button> : null}
      {tree.knows(undefined) && lines.length === 0 ? <p class="empty">{t('ask.browse.empty')}</p> : null}
      <ul class="tree" aria-label={t('ask.browse')}>
        {lines.slice(0, mostLines).map((l, at) =>
          'rest' in l ? (
            <More key={at} rest={l} busy={busy} ask={() => fetchBelow(l.parent, l.rest)} />
          ) : (
            <Line key={`${at} ${l.address}`} place={l} tree={tree} busy={busy} open={() => open(l)} changed={changed} />
          ),
        )}
      </ul>
      {lines.length > mostLines ? <p class="soft">{t('ask.browse.most', { n: mostLines })}</p> : null}
    </>
  );
}

function More({ rest, busy, ask }: { rest: Rest; busy: boolean; ask: () => void }) {
  return (
    <li style={indent(rest.depth)}>
      <span class="leaf" />
      <button disabled={busy} onClick={ask}>
        {t('ask.browse.more')}
      </button>
    </li>
  );
}

const indent = (depth: number) => ({ paddingLeft: `${Math.min(depth, 12) * 1.1}rem` });

function Line({ place, tree, busy, open, changed }: { place: Place; tree: Tree; busy: boolean; open: () => void; changed: () => void }) {
  const opened = tree.isOpen(place);
  const title = [place.address, place.description, place.why].filter((x) => x).join('\n').slice(0, 500);
  const variable = place.class === 'variable';
  return (
    <li style={indent(place.path.length - 1)}>
      {!variable && place.address !== '' ? (
        <button class="plain" aria-expanded={opened} aria-label={t(opened ? 'ask.browse.close' : 'ask.browse.open', { name: place.name })} disabled={busy && !opened && !tree.knows(place)} onClick={open}>
          {opened ? '▾' : '▸'}
        </button>
      ) : (
        <span class="leaf" />
      )}
      {variable ? (
        <label title={title}>
          <input
            type="checkbox"
            checked={tree.isChecked(place)}
            disabled={place.rows.length === 0}
            onChange={(e) => {
              tree.check(place, e.currentTarget.checked);
              changed();
            }}
          />{' '}
          <span class="name">{place.name}</span> <b>{shownOf(place)}</b> <span class="soft">{place.why ? `! ${place.why}` : place.type}</span>
        </label>
      ) : (
        <span class="name" title={title}>{place.name}</span>
      )}
      {opened && tree.knows(place) ? (
        <button
          class="plain all"
          onClick={() => {
            tree.checkBelow(place);
            changed();
          }}
        >
          {t('ask.browse.all')}
        </button>
      ) : null}
    </li>
  );
}

/** shownOf is what a variable is now, cut: its value with its unit, or why it has none. */
function shownOf(place: Place): string {
  if (place.value === '') return place.quality === 'Good' ? '' : place.quality;
  const value = place.value.length > 40 ? `${place.value.slice(0, 40)}…` : place.value;
  return place.unit ? `${value} ${place.unit}` : value;
}
