// Package interop tests the built program against servers that others wrote: Modbus servers of pymodbus and libmodbus,
// and a real InfluxDB. The tests stand behind the build tag interop, as they need what a machine with only Go has not:
// see .ci/run. What is missing skips its test, or fails it where TAGBRIDGE_INTEROP_REQUIRED is set.
//
// It imports nothing of tagbridge: the program is built and run as a user runs it, and looked at from outside.
package interop
