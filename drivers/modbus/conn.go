package modbus

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/simonvetter/modbus"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// conn is one connection of the library and the goroutine that owns it. The library's calls cannot be interrupted, so
// whoever waits for one may leave: the goroutine then closes the connection when the call returns, which the limit of
// a request or of dialling (5 s; TLS 15 s) bounds.
type conn struct {
	limit    time.Duration
	requests chan request
	replies  chan reply // first that of opening; has room for one, so that the owner never waits
	closed   chan error
	heard    overheard
	bits     []byte
}

// reply is what became of a call.
type reply struct {
	data []byte
	err  error
}

// newConn starts opening a connection; replies says what became of it.
func newConn(config modbus.ClientConfiguration, limit time.Duration) (*conn, error) {
	c := &conn{
		limit:    limit,
		requests: make(chan request, 1),
		replies:  make(chan reply, 1),
		closed:   make(chan error, 1),
	}
	config.Timeout = limit
	config.Logger = log.New(&c.heard, "", 0)
	client, err := modbus.NewClient(&config)
	if err != nil {
		return nil, fmt.Errorf("set up modbus client: %w", err)
	}
	go c.own(client)
	return c, nil
}

// own makes the calls, until leave.
func (c *conn) own(client *modbus.ModbusClient) {
	err := client.Open()
	c.replies <- reply{err: err}
	for r := range c.requests {
		c.heard.text = ""
		data, err := c.read(client, r)
		c.replies <- reply{data: data, err: c.meaning(err)}
	}
	if err != nil {
		c.closed <- nil
		return
	}
	c.closed <- client.Close()
}

// leave lets the connection be closed as soon as no call is under way.
func (c *conn) leave() { close(c.requests) }

// close closes a connection without a call under way.
func (c *conn) close() error {
	c.leave()
	return <-c.closed
}

func (c *conn) read(client *modbus.ModbusClient, r request) ([]byte, error) {
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
