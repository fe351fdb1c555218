// What the bridge remarks, in languages other than its own, by code; see cmd/tagbridge/health. CODE.one is for a count of 1.
import type { Language } from './index.ts';

interface Words {
  /** Parts of the verdict. */
  part: Record<string, string>;
  /** Problems and notes. */
  remark: Record<string, string>;
}

export const remarks: Partial<Record<Language, Words>> = {
  de: {
    part: {
      'no-device': 'es gibt kein Gerät',
      'all-read': 'Geräte online: {devices}, gute Tags: {tags}',
      'no-sink': 'es gibt kein Ziel',
      'all-taken': 'alles Gelesene wird abgenommen (Ziele: {sinks})',
      starting: 'es wird noch nicht gelesen',
      journal: 'das Journal liegt nicht auf der Platte',
      'last-good': 'die Konfiguration wurde abgelehnt, es läuft die davor',
      refused: 'die geänderte Konfiguration wurde abgelehnt',
      offline: '{count} von {of} Geräten sind offline',
      'offline.one': '1 von {of} Geräten ist offline',
      'bad-tags': '{count} von {of} Tags sind schlecht, obwohl ihr Gerät online ist',
      'bad-tags.one': '1 von {of} Tags ist schlecht, obwohl sein Gerät online ist',
      connections: '{count} von {of} Verbindungen sind überlastet oder hängen',
      'connections.one': '1 von {of} Verbindungen ist überlastet oder hängt',
      'takes-nothing': 'Ziel {name} nimmt nichts ab',
      behind: 'Ziel {name} ist im Rückstand',
      refuses: 'Ziel {name} lehnt {count} Tags ab',
      'refuses.one': 'Ziel {name} lehnt 1 Tag ab',
      elsewhere: 'Geräte, die andere Mitglieder des Clusters lesen: {devices}',
      twin: 'ein anderes Mitglied heißt auch {name}',
      isolated: 'es ist vom Cluster abgeschnitten (NATS-Server erreicht: {up} von {of})',
      nats: '{count} von {of} NATS-Servern sind nicht erreichbar',
      'nats.one': '1 von {of} NATS-Servern ist nicht erreichbar',
      gone: '{count} Mitglieder sind weg',
      'gone.one': '1 Mitglied ist weg',
      unread: '{count} von {of} Endpunkten liest niemand',
      'unread.one': '1 von {of} Endpunkten liest niemand',
      'read-twice': '{count} von {of} Endpunkten werden doppelt gelesen',
      'read-twice.one': '1 von {of} Endpunkten wird doppelt gelesen',
      alarms: 'aktive Alarme: {count} (Priorität 1: {urgent})',
    },
    remark: {
      starting: 'Die Bridge startet und liest noch nicht',
      journal: 'Das Journal: {error}',
      configuration: 'Konfiguration: {error}',
      'more-configuration': 'Konfiguration: und {count} weitere',
      unanswered: 'Gerät {name} hat noch nicht geantwortet: {error}',
      offline: 'Gerät {name} ist seit {for_seconds} offline: {error}',
      'more-offline': 'und {count} weitere Geräte sind offline',
      'more-offline.one': 'und 1 weiteres Gerät ist offline',
      'bad-tags': 'Gerät {name}: {count} von {of} Tags sind schlecht',
      'bad-tags.one': 'Gerät {name}: 1 von {of} Tags ist schlecht',
      'more-bad-tags': 'und Tags von {count} weiteren Geräten sind schlecht',
      'more-bad-tags.one': 'und Tags von 1 weiteren Gerät sind schlecht',
      stuck: 'Verbindung {name} hängt seit {for_seconds}',
      crowded: 'Verbindung {name} hat nicht die Zeit für alle Abfragen: {device} alle {fits} statt alle {period} lesen',
      'takes-nothing': 'Ziel {name} nimmt nichts ab, {samples} Werte warten, der älteste seit {oldest_seconds}: {error}',
      behind: 'Ziel {name} ist im Rückstand: {samples} Werte warten, der älteste seit {oldest_seconds}; so, wie es jetzt vorangeht, dauert es noch {needs_seconds}',
      'falls-behind': 'Ziel {name} ist im Rückstand: {samples} Werte warten, der älteste seit {oldest_seconds}, und es holt nicht auf',
      refuses: 'Ziel {name} lehnt {count} Tags immer wieder ab: {error}',
      'refuses.one': 'Ziel {name} lehnt 1 Tag immer wieder ab: {error}',
      lost: 'Ziel {name} hat {samples} Werte verloren ({reason}), gelesen von {first} bis {last}',
      'lost.undated': 'Ziel {name} hat {samples} Werte verloren ({reason})',
      twin: 'Noch ein Mitglied hat diesen Namen: {error}',
      nats: 'NATS-Server {name} ist nicht erreichbar: {error}',
      'isolated-stops': 'Dieses Mitglied erreicht {up} von {of} NATS-Servern und braucht die meisten: Es liest nichts (isolated: stop)',
      'isolated-keeps': 'Dieses Mitglied erreicht {up} von {of} NATS-Servern und braucht die meisten: Es liest weiter, was es hat; andere lesen das vielleicht auch (isolated: keep)',
      gone: 'Mitglied {name} ist seit {for_seconds} nicht zu hören: Andere lesen, was es las',
      unread: 'Niemand liest {name}',
      'unread-only': 'Niemand liest {name}: Nur {only} darf es, und ist nicht da',
      'read-twice': '{by} und {also} lesen {name} zur selben Zeit',
      rejected: 'Ziel {name} hat {samples} Werte abgelehnt, die beiseite liegen',
    },
  },
};
