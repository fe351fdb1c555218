// German. The keys are those of en.ts; the type checker wants all of them.
import type { Texts } from './en.ts';

export const de: Texts = {
  'time.s': '{s} s',
  'time.min': '{min} min {s} s',
  'time.h': '{h} h {min} min',
  'time.d': '{d} Tage {h} h',
  'quality.good': 'gut',
  'quality.uncertain': 'unsicher',
  'quality.bad': 'schlecht',
  'common.close': 'Schließen',
  'common.cancel': 'Abbrechen',
  'common.loading': 'Wird geladen …',
  'common.error': 'Das ging nicht: {text}',
  'common.none': 'keine',
  'common.since': 'seit {time}',
  'common.zone': 'Zeiten gelten für {zone}',
  'common.soon': 'Diese Ansicht gibt es noch nicht.',

  // The frame
  'frame.skip': 'Zum Inhalt springen',
  'frame.menu': 'Ansichten',
  'frame.theme': 'Farben',
  'frame.theme.system': 'wie das System',
  'frame.theme.light': 'hell',
  'frame.theme.dark': 'dunkel',
  'frame.language': 'Sprache',
  'frame.live': 'live',
  'frame.offline': 'nicht erreicht',
  'frame.unreachable': 'Die Bridge antwortet nicht. Gezeigt ist der Stand von {time}. Die Seite fragt von selbst weiter.',
  'frame.never': 'Die Bridge antwortet noch nicht. Die Seite fragt von selbst weiter.',
  'frame.broken': 'Diese Ansicht hat einen Fehler: {text}',
  'frame.again': 'Neu laden',
  'view.overview': 'Übersicht',
  'view.values': 'Werte',
  'view.trends': 'Verläufe',
  'view.connections': 'Verbindungen',
  'view.sinks': 'Ziele',
  'view.events': 'Ereignisse',
  'view.alarms': 'Alarme',
  'view.maps': 'Tabellen',
  'view.manual': 'Handbuch',

  // Overview

  // Values

  // Trends

  // Connections

  // Sinks

  // Events

  // Alarms

  // Maps

  // Manual
};
