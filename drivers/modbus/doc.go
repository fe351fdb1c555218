// Package modbus reads Modbus devices: a Plan turns the tags of one job into block reads and their answers into
// samples, a Link carries a plan's requests over one connection for the lane that owns both.
//
// It sends functions 1 to 4 and nothing that writes, decides nothing about when to read and retries no unit that is
// silent: that is the lane's. It never turns an answer into a value that does not fit what was asked.
//
// A plan is the state of its job's rounds and does no I/O; a transport makes one exchange and knows no tags. Other
// framings are other transports.
package modbus
