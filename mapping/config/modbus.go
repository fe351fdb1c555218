package config

import (
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// modbusKeys are the keys that only Modbus devices have.
var (
	modbusKeys = []string{
		"unit_id", "order", "max_registers", "max_bits", "max_gap", "pause", "connections", "tls", "single_register",
		"function", "turnaround", "gateway_baud", "probe_share", "close_after_poll", "pause_after_connect", "accept_unit",
		"timezone", "addresses", "register_bytes", "echo", "rs485",
	}
	// serialKeys are what people look for in a device.
	serialKeys = []string{"baud", "baudrate", "baud_rate", "data", "data_bits", "databits", "bytesize", "parity", "stop", "stop_bits",
		"stopbits"}
)

// readModbus reads what only Modbus devices have.
func readModbus(s *source.Section, dev *Device) {
	dev.Endpoint = modbusURL(s, dev)
	e, m := &dev.Endpoint, &dev.Modbus
	m.UnitID = s.Int("unit_id", 1, unitIDs(e.Transport))
	m.Order = readOrder(s)
	m.MaxRegisters = s.Int("max_registers", 125, source.Between[int](1, 125))
	readRegisterBytes(s, m)
	m.MaxBits = s.Int("max_bits", 2000, source.Between[int](1, 2000))
	m.MaxGap = s.Int("max_gap", 16, source.Between[int](0, 124))
	m.Timestamps = s.OneOf("timestamps", poll, requestTime)
	m.Single = s.Bool("single_register", false)
	m.Function = s.Int("function", 0, source.Between[int](1, 4))
	m.Addresses = s.OneOf("addresses", modiconAddresses, wireAddresses)
	m.Turnaround = s.Duration("turnaround", 0, source.Between[time.Duration](0, time.Minute))
	e.Pause = s.Duration("pause", 0, source.Between[time.Duration](0, time.Minute))
	e.AfterConnect = s.Duration("pause_after_connect", 0, source.Between[time.Duration](0, time.Minute))
	e.Connections = s.Int("connections", 1, source.Between[int](1, 64))
	e.ProbeShare = s.Share("probe_share", 0.05)
	e.CloseAfter = s.Bool("close_after_poll", false)
	e.TLS = readTLS(s, e.Transport == "tls", "tls://")
	m.AcceptUnit = acceptUnit(s, e.Transport)
	m.Timezone = readTimezone(s)
	readLine(s, e)
	s.Foreign("the url of a serial port, such as rtu:///dev/ttyUSB0?baud=19200&data=8&parity=even&stop=1", serialKeys...)
}

// Words of the key addresses.
const (
	modiconAddresses = "modicon"
	wireAddresses    = "wire"
)

// functionTables are what each function reads.
var functionTables = [...]mapping.Table{1: mapping.Coil, 2: mapping.Discrete, 3: mapping.Holding, 4: mapping.Input}

// numbers are what numbers without a table are.
func (m *Modbus) numbers() mapping.Numbers {
	n := mapping.Numbers{Wire: m.Addresses == wireAddresses}
	switch {
	case n.Wire && m.Function != 0:
		n.Table = functionTables[m.Function]
	case n.Wire:
		n.Table = mapping.Holding
	}
	return n
}

// mostWide is how many registers of four bytes one answer holds.
const mostWide = 62

// wideRegister is RegisterBytes of a device that answers with more than the usual two.
const wideRegister = 4

// readRegisterBytes reads how many bytes of an answer a register is.
func readRegisterBytes(s *source.Section, m *Modbus) {
	m.RegisterBytes = s.Int("register_bytes", 2, source.Between[int](2, wideRegister))
	switch m.RegisterBytes {
	case 3:
		s.Value("register_bytes").Problemf("must be 2, or 4 for a device that answers with four bytes for each register")
		return
	case 2:
		return
	}
	if s.Has("max_registers") && m.MaxRegisters > mostWide {
		s.Value("max_registers").Problemf("at most %d registers of 4 bytes (register_bytes) are in one answer", mostWide)
	}
	m.MaxRegisters = min(m.MaxRegisters, mostWide)
}

// readLine reads what only lines have, and says where a key of one kind of connection stands on another.
func readLine(s *source.Section, e *Endpoint) {
	e.GatewayBaud = s.Int("gateway_baud", 0, source.Between[int](300, 10_000_000))
	e.Echo = s.Bool("echo", false)
	if s.Has("rs485") {
		r := s.Sub("rs485")
		e.RS485 = RS485{
			Enabled:   true,
			RTSBefore: r.Duration("rts_before", 0, source.Between[time.Duration](0, time.Second)),
			RTSAfter:  r.Duration("rts_after", 0, source.Between[time.Duration](0, time.Second)),
		}
		r.Done()
	}
	switch {
	case e.Transport == "":
		return // reported
	case isSerial(e.Transport):
		s.Only("gateway_baud", "a gateway at a network URL; a serial port has ?baud= in its URL")
	default:
		s.Only("rs485", "serial ports")
		s.Only("echo", "serial ports")
	}
	if e.Connections > 1 && !isStream(e.Transport) {
		s.Value("connections").Problemf("only TCP and TLS have several connections")
	}
}

// unitIDs are the unit numbers of a transport: serial line numbers follow the specification (0 is a broadcast,
// 248 to 255 reserved), the others take what the byte holds.
func unitIDs(transport string) source.Within[int] {
	switch transport {
	case "rtu", "ascii", "rtuovertcp", "rtuoverudp", "asciiovertcp":
		return source.Between[int](1, 247)
	}
	return source.Between[int](0, 255)
}

// acceptUnit reads which other unit may answer: its number, or any. Frames without numbers leave the unit as the only
// sign of whose answer one is.
func acceptUnit(s *source.Section, transport string) string {
	v := s.Value("accept_unit")
	text := strings.ToLower(strings.TrimSpace(v.Text))
	if !v.OK || v.Open || text == "" {
		return ""
	}
	n, err := strconv.ParseUint(text, 10, 8)
	switch {
	case transport != "" && !hasTransactions(transport):
		v.Problemf("is for tcp://, tls:// and udp://, whose answers bear the number of their request")
	case text == AnyUnit:
		return AnyUnit
	case err != nil:
		v.Problemf("must be a unit's number from 0 to 255, or any")
	default:
		return strconv.FormatUint(n, 10)
	}
	return ""
}

// readTimezone reads the name of a time zone; "" is UTC.
func readTimezone(s *source.Section) string {
	v := s.Value("timezone")
	if !v.OK || v.Open || v.Text == "" {
		return ""
	}
	zone, err := time.LoadLocation(v.Text)
	switch {
	case strings.EqualFold(v.Text, "local"):
		v.Problemf("name the zone, such as Europe/Berlin: this machine's may change")
	case err != nil:
		v.Problemf("no such time zone: want a name such as Europe/Berlin, America/New_York or UTC")
	case zone != time.UTC:
		return zone.String()
	}
	return ""
}

func hasTransactions(transport string) bool {
	return transport == "tcp" || transport == "tls" || transport == "udp"
}

func readOrder(s *source.Section) mapping.Order {
	v := s.Value("order")
	if !v.OK || v.Open {
		return mapping.ABCD
	}
	o, err := mapping.ParseOrder(v.Text)
	if err != nil {
		v.Problemf("must be %s%s", source.OrList(mapping.OrderNames[:]), tagmap.DidYouMeanOrder(v.Text))
	}
	return o
}

// readTLS reads the section of that name; wanted says whether the URL is one that uses it.
func readTLS(s *source.Section, wanted bool, scheme string) TLS {
	if !s.Has("tls") {
		s.Node("tls")
		return TLS{}
	}
	sub := s.Sub("tls")
	t := TLS{
		CA:          sub.File("ca"),
		Certificate: sub.File("certificate"),
		Key:         sub.File("key"),
		ServerName:  sub.Text("server_name", ""),
		Insecure:    sub.Bool("insecure", false),
	}
	sub.Done()
	if (t.Certificate == "") != (t.Key == "") {
		s.Doc.Problemf(sub.At, "tls needs both certificate and key, or neither")
	}
	if t.Insecure {
		s.Doc.Warnf(sub.Place("insecure"), "insecure: true takes any server for the right one")
	}
	if !wanted && t != (TLS{}) {
		s.Doc.Problemf(sub.At, "tls without a TLS URL, so nothing would be encrypted: begin the url with %s", scheme)
	}
	return t
}
