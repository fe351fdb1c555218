// What the lists of the API say of devices, connections, sinks and events, as far as the page reads it.

import type { Event } from '../events/event.ts';
import type { Value } from '../number.ts';
import type { Status } from '../status.ts';

export interface Device {
  device: string;
  driver: string;
  url: string;
  unit_id: number;
  online: boolean;
  /** Another member of the cluster reads it: read_by; '' where nobody does. */
  elsewhere: boolean;
  read_by: string;
  since: string | null;
  error: string;
  polls: number;
  late: number;
  missed: number;
  latency_ms: number;
  tags: number;
  bad_tags: number;
}

export interface Line {
  line: string;
  connected: boolean;
  /** Another member of the cluster reads its devices: read_by; '' where nobody does. */
  elsewhere: boolean;
  read_by: string;
  busy: number;
  planned: number;
  overdue_seconds: number;
  slow_down: { device: string; period: string; share: number; tags: number; fits: string }[];
}

export interface Sink {
  sink: string;
  type: string;
  connected: boolean;
  delivered: number;
  kept: number;
  dropped: number;
  set_aside: number;
  behind_samples: number;
  behind_seconds: number;
  drain_seconds: number | null;
  error: string;
}

/** Problem is one of the configuration on disk. */
export interface Problem {
  file: string;
  line: number;
  column: number;
  header: string;
  severity: string;
  message: string;
}

/** Alarm is one that is active. */
export interface Alarm {
  device: string;
  tag: string;
  level: string;
  since: string;
  value: Value;
  limit: Value;
  unit: string;
  quality: string;
  priority: number;
  text: string;
}

/** Overview is the answer of /api/v1/overview: all that the view shows. */
export interface Overview {
  status: Status;
  devices: Device[];
  lines: Line[];
  sinks: Sink[];
  /** null: what is on disk cannot be checked. */
  problems: Problem[] | null;
  events: Event[];
  /** The most urgent ones. */
  alarms: Alarm[];
}
