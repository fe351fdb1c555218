package main

import (
	"fmt"
	"strings"

	"tagbridge/mapping/config"
)

// mostNamed is how many devices are named where there are many.
const mostNamed = 6

// unitsOf says which devices of a cluster move together, a sentence each: those that something is computed from.
func unitsOf(cfg *config.Config) (list []string) {
	if !cfg.Bridge.Cluster.On() {
		return nil
	}
	for _, u := range cfg.Units() {
		devices := u.Devices()
		if len(u.Derived) == 0 || len(devices) == 1 {
			continue
		}
		var names []string
		for _, d := range devices {
			names = append(names, d.Name)
		}
		if n := len(names); n > mostNamed {
			names = append(names[:mostNamed-1], fmt.Sprintf("%d more", n-mostNamed+1))
		}
		list = append(list, fmt.Sprintf("these %d devices move together in the cluster, because of %s: %s", len(devices), u.Because(), strings.Join(names, ", ")))
	}
	return list
}
