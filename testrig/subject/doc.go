// Package subject runs the built bridge as a child process, for programs that measure or punish it from outside: it
// knows the verb run, the HTTP interface and what the system tells of a process, and nothing of the bridge's inside.
package subject
