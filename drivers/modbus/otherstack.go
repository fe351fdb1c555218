package modbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"slices"
	"time"

	"github.com/simonvetter/modbus"

	"tagbridge/mapping"
)

// OtherStack reads registers with a Modbus implementation that is not ours, to tell a fault of a device from one of this
// program. It reads over one connection and is of no more use after an error that is no refusal: a new one would number
// its requests from 1 again, and a late answer to an old one could pass for that to a new one.
type OtherStack struct {
	client *modbus.ModbusClient
	bits   []byte
	failed error
}

// refusals are the library's exceptions, after which the connection is in order.
var refusals = []modbus.Error{
	modbus.ErrIllegalFunction, modbus.ErrIllegalDataAddress, modbus.ErrIllegalDataValue, modbus.ErrServerDeviceFailure,
	modbus.ErrServerDeviceBusy, modbus.ErrGWPathUnavailable, modbus.ErrGWTargetFailedToRespond,
}

// OpenOtherStack connects to unit at address, of transport tcp or udp.
func OpenOtherStack(o LinkOptions, unit int, timeout time.Duration) (*OtherStack, error) {
	if o.Transport != "tcp" && o.Transport != "udp" {
		return nil, fmt.Errorf("the other stack reads tcp:// and udp://, not %s://", o.Transport)
	}
	client, err := modbus.NewClient(&modbus.ClientConfiguration{
		URL: o.Transport + "://" + o.Address, Timeout: timeout, Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		return nil, err
	}
	if err := client.SetUnitId(uint8(unit)); err != nil {
		return nil, err
	}
	if err := client.Open(); err != nil {
		return nil, err
	}
	return &OtherStack{client: client}, nil
}

// Raw is what the registers or bits of t hold, as Plan.Raw tells it; valid until the next call.
func (s *OtherStack) Raw(ctx context.Context, t *mapping.Tag) ([]byte, error) {
	if err := cmp.Or(s.failed, ctx.Err()); err != nil {
		return nil, err
	}
	raw, err := s.read(t)
	if e, known := errors.AsType[modbus.Error](err); err != nil && !(known && slices.Contains(refusals, e)) {
		s.failed = err
	}
	return raw, err
}

func (s *OtherStack) read(t *mapping.Tag) ([]byte, error) {
	at, n := t.Address.Number, uint16(t.Registers())
	switch t.Address.Table {
	case mapping.Holding:
		return s.client.ReadRawBytes(at, 2*n, modbus.HOLDING_REGISTER)
	case mapping.Input:
		return s.client.ReadRawBytes(at, 2*n, modbus.INPUT_REGISTER)
	case mapping.Coil:
		return s.bit(s.client.ReadCoil(at))
	}
	return s.bit(s.client.ReadDiscreteInput(at))
}

func (s *OtherStack) bit(on bool, err error) ([]byte, error) {
	s.bits = append(s.bits[:0], 0)
	if on {
		s.bits[0] = 1
	}
	return s.bits, err
}

// Close ends the connection.
func (s *OtherStack) Close() error { return s.client.Close() }
