// The registers of a tag in every type and byte order, side by side: whoever wonders about a value sees which row of the map
// would give the one that the display on the device shows.
import { valueText, type Value } from '../number.ts';
import { count, t } from '../text/index.ts';

export interface Decoding {
  type: string;
  order: string;
  registers: number;
  value: Value;
  quality: string;
  row: boolean;
}

const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'];

export function Decodings({ list, unit, raw }: { list: Decoding[]; unit: string; raw: string }) {
  const types = [...new Set(list.map((d) => d.type))];
  const shown = orders.filter((o) => list.some((d) => d.order === o));
  return (
    <section class="decodings">
      <h3>{t('values.decodings')}</h3>
      <p class="soft">{count('values.decodingsHelp', raw.length / 4, { unit: unit || '–' })}</p>
      <div class="scroll" role="region" aria-label={t('values.decodings')} tabIndex={0}>
        <table aria-label={t('values.decodings')}>
          <thead>
            <tr>
              <th scope="col">{t('values.type')}</th>
              {shown.map((o) => (
                <th key={o} scope="col" class="right">
                  {o}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {types.map((type) => (
              <tr key={type}>
                <th scope="row">{type}</th>
                {shown.map((o) => (
                  <Cell key={o} d={list.find((d) => d.type === type && d.order === o)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ d }: { d: Decoding | undefined }) {
  if (!d) return <td class="right soft">·</td>;
  const text = d.value === null ? '–' : valueText(d.value);
  return (
    <td class={`right mono${d.row ? ' own' : ''}`} title={d.value === null ? d.quality : text}>
      {text}
      {d.row ? <span class="own-mark"> {t('values.ownRow')}</span> : null}
    </td>
  );
}
