// Package kill holds the test that kills the built bridge again and again, as an operator or the kernel would with
// SIGKILL, and compares what its journal, its sink and its PLCs say afterwards. The bridge runs as a child process; PLCs
// and sink live in the test's, so that their records outlive every kill.
package kill
