package main

import "tagbridge/mapping/config"

// units implements proposer: what devices have when they come, and what gateways take for themselves.
func (modbusProtocol) units(d *config.Device) []int {
	likely := []int{1, 255, 0, 2}
	if isFramed(d.Endpoint.Transport) { // 0 is a broadcast there
		likely = []int{1, 2, 3, 247}
	}
	var list []int
	for _, id := range likely {
		if id != d.Unit() {
			list = append(list, id)
		}
	}
	return list
}
