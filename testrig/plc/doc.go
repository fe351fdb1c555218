// Package plc is a software PLC that speaks Modbus TCP, TLS and UDP, RTU and ASCII: units whose registers are exactly
// those of a tag map, with values that move plausibly, and faults on command.
//
// A Unit holds registers and answers requests; a Server is a listener with units behind it, a Line a serial line that
// takes the time of a real one, a NetLine such a line behind a socket. The verbs sim and demo serve whole plants with
// it, tests ask it what was requested (Unit.Requests) and what a tag should be delivered as (Unit.Expected). It reads
// only: functions 1 to 4 of the Modbus application protocol V1.1b3.
package plc
