// What the bridge is asked about maps, and what it answers.
import { get, getText, post, type Answer } from '../api.ts';

export interface MapFile {
  name: string;
  devices: string[];
  rows: number;
  tags: number;
  format: string;
  encoding: string;
  bytes: number;
  etag: string;
  writable: boolean;
  why: string;
}

export interface Problem {
  file: string;
  line: number;
  column: number;
  header: string;
  severity: 'problem' | 'warning';
  message: string;
}

export interface PlanRequest {
  device: string;
  unit_id: number;
  function: number;
  table: string;
  first: number;
  count: number;
  wasted: number;
  tags: string[];
  period_ms: number;
  time_ms: number;
  share: number;
}

export interface PlanOf {
  endpoint: string;
  busy: number;
  requests: PlanRequest[];
}

export interface PlanChange {
  endpoint: string;
  before: PlanOf | null;
  after: PlanOf | null;
}

export interface Finding {
  problems: Problem[];
  diff: string[];
  more: number;
  plan: PlanChange[];
}

const path = (name: string) => (name.startsWith('/') ? encodeURIComponent(name) : name.split('/').map(encodeURIComponent).join('/'));

/** Where a map as it runs is to be had for a spreadsheet. */
export const mapPath = (name: string, as: 'csv' | 'xlsx') => `/api/v1/maps/${path(name)}?as=${as}`;

export const listMaps = (signal?: AbortSignal) => get<MapFile[]>('/api/v1/maps', signal ? { signal } : {});
export const readMap = (name: string): Promise<Answer<string>> => getText(`/api/v1/maps/${path(name)}`, { timeout: 60_000 });

// Tells the drafts of this page from those of others of the same user.
const page = Math.random().toString(36).slice(2);

/** A change as it is sent: texts by the names of maps, and encodings that are to be others from now on. */
export interface Draft {
  files: Record<string, string>;
  encodings?: Record<string, string>;
}

/** Checks a draft. A newer one of the same page and desk takes the place of one that is still being checked. */
export function check(draft: Draft, signal: AbortSignal, desk = ''): Promise<Answer<Finding>> {
  return post<Finding>('/api/v1/draft', { ...draft, page: page + desk }, { signal, timeout: 60_000 });
}

/** What became of a change. */
export interface Applied {
  changes: string[];
  more: number;
  problems: Problem[];
  etags: Record<string, string>;
}

export function apply(draft: Draft, base: Record<string, string>, comment: string): Promise<Answer<Applied>> {
  return post<Applied>('/api/v1/apply', { ...draft, base, comment }, { timeout: 120_000 });
}

/** What was applied before. */
export interface Kept {
  id: string;
  time: string;
  by: string;
  comment: string;
  changes: string[];
  more: number;
  replaced: boolean;
  now: boolean;
  files: { name: string; map: boolean; differs: boolean; etag: string }[];
}

export const listApplied = () => get<Kept[]>('/api/v1/applied');

/** Who one is, and why one may not edit. */
export interface Session {
  user: string;
  edit: boolean;
  why: string;
}

export function rollback(id: string, base: Record<string, string>): Promise<Answer<Applied>> {
  return post<Applied>('/api/v1/rollback', { id, base, comment: '' }, { timeout: 120_000 });
}

/** What going back would change; nothing is. */
export function tryRollback(id: string): Promise<Answer<Finding>> {
  return post<Finding>('/api/v1/rollback', { id, try: true }, { timeout: 60_000 });
}
