package bridge

import (
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// sweep implements recorder.
func (p *modbusProtocol) sweep(d *config.Device, extents []mapping.Extent) (sweep, error) {
	return modbus.NewSweep(modbus.SweepOptions{
		Unit: d.Modbus.UnitID, Limits: modbusLimits(d), Timeout: d.Timeout, Retries: d.Retries, Extents: extents,
	})
}

// refused implements recorder.
func (p *modbusProtocol) refused(exception uint8) string { return modbus.Exception(exception).Error() }
