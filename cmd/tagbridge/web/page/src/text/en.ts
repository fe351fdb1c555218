// English. Each view has its part; texts that several views use are at the top. German (de.ts) has the same keys.
export const en = {
  'time.s': '{s} s',
  'time.min': '{min} min {s} s',
  'time.h': '{h} h {min} min',
  'time.d': '{d} days {h} h',
  'quality.good': 'good',
  'quality.uncertain': 'uncertain',
  'quality.bad': 'bad',
  'common.close': 'Close',
  'common.cancel': 'Cancel',
  'common.loading': 'Loading …',
  'common.error': 'That did not work: {text}',
  'common.none': 'none',
  'common.since': 'since {time}',
  'common.zone': 'Times are those of {zone}',
  'common.soon': 'This view is not there yet.',

  // The frame
  'frame.skip': 'Skip to the content',
  'frame.menu': 'Views',
  'frame.theme': 'Colours',
  'frame.theme.system': 'as the system',
  'frame.theme.light': 'light',
  'frame.theme.dark': 'dark',
  'frame.language': 'Language',
  'frame.live': 'live',
  'frame.offline': 'not reached',
  'frame.unreachable': 'The bridge does not answer. What is shown is as of {time}. The page asks again by itself.',
  'frame.never': 'The bridge does not answer yet. The page asks again by itself.',
  'frame.broken': 'This view has a fault: {text}',
  'frame.again': 'Load again',
  'view.overview': 'Overview',
  'view.values': 'Values',
  'view.trends': 'Trends',
  'view.connections': 'Connections',
  'view.sinks': 'Sinks',
  'view.events': 'Events',
  'view.alarms': 'Alarms',
  'view.maps': 'Maps',
  'view.manual': 'Manual',

  // Overview

  // Values

  // Trends

  // Connections

  // Sinks

  // Events

  // Alarms

  // Maps

  // Manual
} as const;

/** Texts has a text for each key. */
export type Texts = { readonly [K in keyof typeof en]: string };
