package main

import (
	"context"
	"encoding/hex"

	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// crossCheck notes beside each reading of d what another Modbus implementation reads there: where both fail alike, the
// fault is the device's or the network's. A value that moves may differ.
func crossCheck(ctx context.Context, d *config.Device, list []readingJSON) {
	o := modbus.LinkOptions{Transport: d.Endpoint.Transport, Address: d.Endpoint.Address}
	other, err := modbus.OpenOtherStack(o, d.Modbus.UnitID, d.Timeout)
	if err != nil {
		for i := range list {
			list[i].Other = err.Error()
		}
		return
	}
	defer other.Close()
	for i := range list {
		if d.Tags[i].IsComputed() {
			list[i].Other = "computed"
			continue
		}
		raw, err := other.Raw(ctx, d.Tags[i])
		list[i].Other = hex.EncodeToString(raw)
		if at, ok := d.Tags[i].ScaleBy.Address(); ok && err == nil {
			// Its exponent is a part of the value.
			exponent := mapping.Tag{Name: at.String(), Address: at, Traits: &mapping.Traits{Type: mapping.TypeInt16}}
			raw, err = other.Raw(ctx, &exponent)
			list[i].Other += " exponent " + hex.EncodeToString(raw)
		}
		if err != nil {
			list[i].Other = err.Error()
		}
	}
}
