// Soak runs the built bridge for a while in a plant where everything fails, and then counts: every sample that was
// read must have arrived, or have been refused or dropped with its count.
//
//	go run ./testrig/soak -bin bin/tagbridge -for 10m [-seed 1] [-keep]
//
// Devices fall silent, answer exceptions, garble and delay, drop and refuse connections; two InfluxDB stand-ins, one
// for each layout, answer every status in turn. At the end the faults stop, the devices refuse connections so that
// nothing new is read, the backlog drains, and the bridge is told to stop. It exits 1 when something is wrong: a sample
// missing or made up, order broken, memory or goroutines that grow, an exit status but 0.
package main
