package main

import "runtime/debug"

// crashBySignal has a crash not end with status 2, which is that of a bad configuration. Windows writes no core, which would
// hold passwords, unless somebody has asked for it.
func crashBySignal() { debug.SetTraceback("wer") }
