// Package influxd stands in for InfluxDB 2 and 1.8 in tests and measurements: it takes writes over HTTP, reads line
// protocol strictly by its own parser, keeps what it was sent for tests to look at, and fails as told.
//
// It answers no queries. Tests of the influx sink, the end-to-end tests and the programs bench and soak use it.
package influxd
