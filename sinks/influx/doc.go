// Package influx delivers samples to InfluxDB, version 2, 3 or 1.8 and later, as line protocol over HTTP: it encodes
// and posts once, and says what to do when that was not taken. It never retries and keeps nothing; sinks.Forwarder
// calls it.
//
// Requests go through influxdb-client-go's HTTP service. Its asynchronous write API is not used: it drops what it
// cannot deliver within minutes.
package influx
