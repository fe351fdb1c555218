// Package days holds tests of whole days in miniature: the built bridge runs on a plant of software PLCs and sinks in which
// things go wrong and come right again, is killed, stopped and reloaded, and afterwards every figure and every gap that it
// tells of is compared with what happened. It has no code but tests, and nobody imports it.
package days
