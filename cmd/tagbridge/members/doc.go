// Package members holds tests of a cluster of bridges: the built program runs as several processes that share their endpoints by real NATS
// servers, is killed, cut off and started again. It has no code but tests, and nobody imports it.
package members
