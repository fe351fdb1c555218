package main

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// maxRangeValues is how many values one argument of read can stand for.
const maxRangeValues = 2000

// expand implements ranger: a range of addresses is each of its values, type ALL each type that a number may have, and order ALL
// each order that makes a difference.
func (p modbusProtocol) expand(d *config.Device, arg string) ([]string, error) {
	parts := strings.Split(arg, ",")
	if len(parts) > 3 {
		return []string{arg}, nil // which is refused
	}
	isAll := func(i int) bool { return i < len(parts) && strings.EqualFold(strings.TrimSpace(parts[i]), "ALL") }
	types := parts[min(1, len(parts)):min(2, len(parts))]
	if isAll(1) {
		types = mapping.ComparedTypes()
	}
	places, err := p.places(d, parts[0], types)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, place := range places {
		if len(types) == 0 {
			list = append(list, place)
		}
		for _, kind := range types {
			orders := parts[min(2, len(parts)):]
			if isAll(2) {
				if orders, err = p.orders(d, place, kind); err != nil {
					return nil, err
				}
			}
			list = append(list, withOrders(place+","+kind, orders)...)
		}
	}
	if n := len(list); n > maxRangeValues {
		return nil, fmt.Errorf("%d values: at most %d at a time", n, maxRangeValues)
	}
	return list, nil
}

// places are those that text, an address or a range, means; values of one type follow each other, of several each place is that
// of a register.
func (p modbusProtocol) places(d *config.Device, text string, types []string) ([]string, error) {
	from, _, ranged := strings.Cut(text, "-")
	if !ranged {
		return []string{text}, nil
	}
	e, err := d.Numbers().ParseExtent(text)
	if err != nil {
		return nil, err
	}
	step := 1
	if len(types) < 2 {
		t, err := p.tag(d, strings.Join(append([]string{from}, types...), ","))
		if err != nil {
			return nil, err
		}
		step = max(t.Registers(), 1)
	}
	if e.Count/step > maxRangeValues {
		return nil, fmt.Errorf("%d values: at most %d at a time", e.Count/step, maxRangeValues)
	}
	return placesIn(e, from, step), nil
}

// orders are those that make a difference to a value of that type.
func (p modbusProtocol) orders(d *config.Device, place, kind string) ([]string, error) {
	t, err := p.tag(d, place+","+kind)
	if err != nil {
		return nil, err
	}
	if t.Type.Registers() > 1 {
		return []string{"ABCD", "CDAB", "BADC", "DCBA"}, nil
	}
	return []string{"ABCD", "BADC"}, nil
}

// withOrders is arg in each of orders; without any, as it is.
func withOrders(arg string, orders []string) []string {
	if len(orders) == 0 {
		return []string{arg}
	}
	var list []string
	for _, order := range orders {
		list = append(list, arg+","+order)
	}
	return list
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
