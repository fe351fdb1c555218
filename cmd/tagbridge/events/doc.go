// Package events keeps what happened to a bridge: when it began and ended, which devices and sinks were out of reach from
// when to when, what was reloaded, refused, dropped. A Store appends to files in the data directory, JSON lines, never
// waits and never fails; a Reader finds the events again in the order of their times, beside a bridge that runs, without
// one, and in a copy. It does not decide what is an event: that is done where it happens, most of it by a log record (see
// Handler). Packages bridge, web and the verbs use it.
package events
