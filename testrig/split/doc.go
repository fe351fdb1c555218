// Package split holds tests that have the processes of a cluster, and of the NATS servers between them, killed, stopped and cut off from
// each other. Software PLCs that live in the test say who read when: how long nobody did, and whether two did at a time.
package split
