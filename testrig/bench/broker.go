package main

import (
	"encoding/json"
	"os"
	"sync/atomic"
	"time"

	"tagbridge/testrig/broker"
)

// runBroker serves a broker that counts and forgets; "down" stops it, "up" starts it again.
func runBroker(string) error {
	var messages, bytes, first atomic.Int64
	b, err := broker.Listen("127.0.0.1:0", broker.Options{Published: func(_ string, payload []byte) {
		messages.Add(1)
		bytes.Add(int64(len(payload)))
		if first.Load() == 0 {
			first.CompareAndSwap(0, time.Now().UnixNano())
		}
	}})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode("mqtt://" + b.Addr()); err != nil {
		return err
	}
	return serveOrders(func(o order) any {
		switch o.Do {
		case "down":
			err = b.Stop()
		case "up":
			first.Store(0)
			err = b.Start()
		}
		if err != nil {
			panic(err) // there is nothing to measure then
		}
		return sinkReport{Writes: int(messages.Load()), Bytes: bytes.Load(), ThawedAt: first.Load()}
	})
}

// sink is the configuration of the sink that p delivers to, and the role that stands in for the other side.
func (p plant) sink(url string) (config, role string) {
	switch p.MQTT {
	case "":
		if role = "sink"; p.MapEach {
			role = "tally"
		}
		return "{name: historian, type: influxdb, url: \"" + url + "\", org: plant, bucket: bench, token: bench}", role
	}
	return "{name: cloud, type: mqtt, url: \"" + url + "\", format: " + p.MQTT + "}", "broker"
}

// brokerRows are the works that concern MQTT: backlogs that the bridge brings to an embedded broker.
func brokerRows(of func(devices, tags int, period time.Duration) plant) []row {
	single, batch := of(10, 100, time.Second), of(100, 500, time.Second)
	single.MQTT, batch.MQTT = "json", "batch"
	return []row{
		{"mqtt", "backlog to an MQTT broker, QoS 1, 10 × 100 at 1 s going on",
			func(o options) (figures, error) { return measureDrain(o, single, 0) }, []target{messages(25000)}},
		{"mqttbatch", "the same in batches, 100 × 500 at 1 s going on",
			func(o options) (figures, error) { return measureDrain(o, batch, 0) }, []target{drained(3e5)}},
	}
}

func messages(n float64) target {
	return target{"messages", n, true, "/s", func(f figures) float64 { return f.PerSecond }}
}
