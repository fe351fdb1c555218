package modbus

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/simonvetter/modbus"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// conn is one connection of the library. Its calls cannot be interrupted: whoever has to be able to leave one has it
// made by a goroutine of its own, and leaves that behind. It closes the connection when the call returns, which the
// limit of a request or of dialling (5 s; TLS 15 s) bounds.
type conn struct {
	client  *modbus.ModbusClient
	limit   time.Duration
	replies chan reply // of the call under way; holds one, so that nobody has to wait for it
	heard   overheard
	bits    []byte
}

// reply is what became of a call.
type reply struct {
	data []byte
	err  error
}

func newConn(config modbus.ClientConfiguration, limit time.Duration) (*conn, error) {
	c := &conn{limit: limit, replies: make(chan reply, 1)}
	config.Timeout = limit
	config.Logger = log.New(&c.heard, "", 0)
	var err error
	if c.client, err = modbus.NewClient(&config); err != nil {
		return nil, fmt.Errorf("set up modbus client: %w", err)
	}
	return c, nil
}

// open connects, or leaves when ctx ends first.
func (c *conn) open(ctx context.Context) error {
	go func() { c.replies <- reply{err: c.client.Open()} }()
	select {
	case r := <-c.replies:
		return r.err
	case <-ctx.Done():
		c.leave()
		return ctx.Err()
	}
}

// leave has the connection closed when the call under way returns.
func (c *conn) leave() {
	go func() {
		<-c.replies
		c.client.Close()
	}()
}

// call asks r.
func (c *conn) call(r request) reply {
	c.heard.text = ""
	data, err := c.read(r)
	return reply{data: data, err: c.meaning(err)}
}

// start has a goroutine ask r; replies gets what becomes of it.
func (c *conn) start(r request) {
	go func() { c.replies <- c.call(r) }()
}

func (c *conn) read(r request) ([]byte, error) {
	client := c.client
	if err := client.SetUnitId(r.unit); err != nil {
		return nil, err
	}
	switch r.function {
	case readHolding:
		return client.ReadRawBytes(r.address, 2*r.count, modbus.HOLDING_REGISTER)
	case readInput:
		return client.ReadRawBytes(r.address, 2*r.count, modbus.INPUT_REGISTER)
	case readCoils:
		bits, err := client.ReadCoils(r.address, r.count)
		return c.pack(bits), err
	case readDiscrete:
		bits, err := client.ReadDiscreteInputs(r.address, r.count)
		return c.pack(bits), err
	}
	return nil, fmt.Errorf("function %d is not one that reads", r.function)
}

// pack puts bits back as they were on the wire, which is the same for all transports.
func (c *conn) pack(bits []bool) []byte {
	c.bits = append(c.bits[:0], make([]byte, (len(bits)+7)/8)...)
	for i, on := range bits {
		if on {
			c.bits[i/8] |= 1 << (i % 8)
		}
	}
	return c.bits
}

// exceptions are the library's errors that stand for one.
var exceptions = map[error]Exception{
	modbus.ErrIllegalFunction:         IllegalFunction,
	modbus.ErrIllegalDataAddress:      IllegalDataAddress,
	modbus.ErrIllegalDataValue:        IllegalDataValue,
	modbus.ErrServerDeviceFailure:     DeviceFailure,
	modbus.ErrAcknowledge:             Acknowledge,
	modbus.ErrServerDeviceBusy:        DeviceBusy,
	modbus.ErrMemoryParityError:       MemoryParityError,
	modbus.ErrGWPathUnavailable:       PathUnavailable,
	modbus.ErrGWTargetFailedToRespond: TargetFailedRespond,
}

// meaning is the library's error as a transport's.
func (c *conn) meaning(err error) error {
	if err == nil {
		return nil
	}
	known, ok := errors.AsType[modbus.Error](err)
	switch {
	case !ok:
		return unknownException(err)
	case known == modbus.ErrRequestTimedOut && c.heard.text == "":
		return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("no answer within %v", c.limit)}
	}
	if e, ok := exceptions[known]; ok {
		return e
	}
	return &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: c.wrong(known)}
}

// wrong says what was wrong with an answer.
func (c *conn) wrong(err modbus.Error) error {
	switch {
	case err == modbus.ErrRequestTimedOut:
		return fmt.Errorf("no answer that fits within %v: %s", c.limit, c.heard.text)
	case c.heard.text != "":
		return fmt.Errorf("wrong answer: %s", c.heard.text)
	case err == modbus.ErrBadUnitId:
		return errors.New("wrong answer: from another unit")
	case err == modbus.ErrProtocolError:
		return errors.New("wrong answer: its length or byte count does not fit")
	}
	return fmt.Errorf("wrong answer: %w", err)
}

// unknownException recognises the library's only way to tell a code that it does not know.
func unknownException(err error) error {
	var code uint8
	if _, failed := fmt.Sscanf(err.Error(), "unknown exception code (%d)", &code); failed != nil {
		return err
	}
	return Exception(code)
}

// overheard keeps the last warning of the library: the only place where it says what was wrong with an answer.
type overheard struct{ text string }

// Write takes one line of the library's log, as "tcp-transport(plc:502) [warn]: text".
func (o *overheard) Write(line []byte) (int, error) {
	_, text, ok := strings.Cut(string(line), "]: ")
	if ok {
		o.text = strings.TrimSpace(text)
	}
	return len(line), nil
}
