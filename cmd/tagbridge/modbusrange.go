package main

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// maxRangeValues is how many values one argument of read can stand for.
const maxRangeValues = 2000

// expand implements ranger: a range of addresses is each of its values, and order ALL each order that makes a difference.
func (p modbusProtocol) expand(d *config.Device, arg string) ([]string, error) {
	parts := strings.Split(arg, ",")
	places := []string{parts[0]}
	if from, _, ranged := strings.Cut(parts[0], "-"); ranged {
		e, err := d.Numbers().ParseExtent(parts[0])
		if err != nil {
			return nil, err
		}
		first := append([]string{from}, parts[1:min(len(parts), 2)]...)
		t, err := p.tag(d, strings.Join(first, ","))
		if err != nil {
			return nil, err
		}
		places = placesIn(e, from, max(t.Registers(), 1))
	}
	orders := []string{""}
	if len(parts) == 3 {
		orders[0] = "," + parts[2]
		if strings.EqualFold(strings.TrimSpace(parts[2]), "ALL") {
			t, err := p.tag(d, places[0]+","+parts[1])
			if err != nil {
				return nil, err
			}
			orders = []string{",ABCD", ",BADC"}
			if t.Type.Registers() > 1 {
				orders = []string{",ABCD", ",CDAB", ",BADC", ",DCBA"}
			}
		}
	}
	if n := len(places) * len(orders); n > maxRangeValues {
		return nil, fmt.Errorf("%d values: at most %d at a time", n, maxRangeValues)
	}
	rest := ""
	if len(parts) > 1 {
		rest = "," + parts[1]
	}
	if len(parts) > 3 {
		rest = "," + strings.Join(parts[1:], ",") // which is refused
	}
	var list []string
	for _, place := range places {
		for _, order := range orders {
			list = append(list, place+rest+order)
		}
	}
	return list, nil
}

// placesIn are the addresses in e, every step registers, in the notation of from, its first.
func placesIn(e mapping.Extent, from string, step int) []string {
	var list []string
	for at := 0; at+step <= e.Count; at += step {
		if strings.ContainsAny(from, ":xX") {
			list = append(list, fmt.Sprintf("%s:%d", e.Table, e.First+at))
			continue
		}
		var number int
		_, _ = fmt.Sscanf(from, "%d", &number) // it has been read as an address
		list = append(list, fmt.Sprintf("%0*d", len(strings.TrimSpace(from)), number+at))
	}
	return list
}
