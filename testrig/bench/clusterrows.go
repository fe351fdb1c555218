package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// clusterRows are the works that concern bridges that share a plant.
func clusterRows(wide plant) []row {
	return []row{
		{"replicate", "100 × 500 at 1 s in a cluster, replicate against none",
			func(o options) (figures, error) { return measureReplicate(o, wide) }, []target{
				{"of the CPU without it", 1.3, false, "×", func(f figures) float64 { return f.Ratio }}, readTime(3)}},
	}
}

// measureReplicate compares processor time a sample of a member that copies what it reads with one that does not, each three times in
// turn; a bridge that is alone is measured with them. Each has a NATS server of its own: what one leaves the next would deliver. The read
// times are those of the last with copies.
func measureReplicate(o options, p plant) (f figures, err error) {
	const (
		alone = iota
		without
		with
	)
	names := [...]string{"alone", "cluster", "cluster with replicate"}
	var cpu [len(names)]float64
	for range 3 {
		for i := range names {
			if i == alone {
				f, err = measurePolls(o, p)
			} else {
				f, err = measureMember(o, p, i == with)
			}
			if err != nil {
				return f, fmt.Errorf("%s: %w", names[i], err)
			}
			fmt.Fprintf(os.Stderr, "%s: %.4f µs/sample, peak %.1f MB, p50 %v, p99 %v, others %.0f %%\n",
				names[i], f.CPU, float64(f.Peak)/1e6, f.P50, f.P99, 100*f.Others)
			cpu[i] += f.CPU
		}
	}
	fmt.Fprintf(os.Stderr, "of the processor time of one that is alone: a member takes %.2f, with replicate %.2f\n",
		cpu[without]/cpu[alone], cpu[with]/cpu[alone])
	f.Ratio = cpu[with] / cpu[without]
	return f, nil
}

// measureMember counts what p costs the only member of a cluster, whose NATS server has nothing of another one.
func measureMember(o options, p plant, replicate bool) (f figures, err error) {
	nats, err := startRole("natsd", nil)
	if err != nil {
		return f, err
	}
	defer nats.stop()
	var url string
	if err := nats.ask(order{}, &url); err != nil {
		return f, err
	}
	p.Cluster = fmt.Sprintf("{nats: [%q], node: one, replicate: %v}", url, replicate)
	return measurePolls(o, p)
}

// runNATS serves JetStream from a folder of its own.
func runNATS(string) error {
	dir, err := os.MkdirTemp("", "tagbridge-bench-nats-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true})
	if err != nil {
		return err
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(10 * time.Second) {
		return fmt.Errorf("a NATS server did not start within 10 s")
	}
	if err := json.NewEncoder(os.Stdout).Encode(s.ClientURL()); err != nil {
		return err
	}
	return serveOrders(func(order) any { return nil })
}
