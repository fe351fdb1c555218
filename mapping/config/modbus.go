package config

import (
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
)

// modbusKeys and opcuaKeys are the keys that only devices of that driver have.
var (
	modbusKeys = []string{
		"unit_id", "order", "max_registers", "max_bits", "max_gap", "pause", "connections", "tls", "single_register",
		"function", "turnaround", "gateway_baud", "probe_share", "close_after_poll", "pause_after_connect", "accept_unit",
		"echo", "rs485",
	}
	opcuaKeys = []string{"mode", "security", "auth"}
	// serialKeys are what people look for in a device.
	serialKeys = []string{"baud", "baudrate", "baud_rate", "data", "data_bits", "databits", "bytesize", "parity", "stop", "stop_bits",
		"stopbits"}
)

// readModbus reads what only Modbus devices have.
func readModbus(s *section, dev *Device) {
	dev.Endpoint = modbusURL(s, dev)
	e := &dev.Endpoint
	dev.UnitID = s.int("unit_id", 1, unitIDs(e.Transport))
	dev.Order = readOrder(s)
	dev.MaxRegisters = s.int("max_registers", 125, between[int](1, 125))
	dev.MaxBits = s.int("max_bits", 2000, between[int](1, 2000))
	dev.MaxGap = s.int("max_gap", 16, between[int](0, 124))
	dev.Timestamps = s.oneOf("timestamps", "poll", "request")
	dev.Single = s.bool("single_register", false)
	dev.Function = s.int("function", 0, between[int](1, 4))
	dev.Turnaround = s.duration("turnaround", 0, between[time.Duration](0, time.Minute))
	e.Pause = s.duration("pause", 0, between[time.Duration](0, time.Minute))
	e.AfterConnect = s.duration("pause_after_connect", 0, between[time.Duration](0, time.Minute))
	e.Connections = s.int("connections", 1, between[int](1, 64))
	e.ProbeShare = s.share("probe_share", 0.05)
	e.CloseAfter = s.bool("close_after_poll", false)
	e.TLS = readTLS(s, e.Transport == "tls", "tls://")
	dev.AcceptUnit = acceptUnit(s, e.Transport)
	readLine(s, e)
	s.foreign("devices with driver opcua", opcuaKeys...)
	s.foreign("the url of a serial port, such as rtu:///dev/ttyUSB0?baud=19200&data=8&parity=even&stop=1", serialKeys...)
}

// readLine reads what only lines have, and says where a key of one kind of connection stands on another.
func readLine(s *section, e *Endpoint) {
	e.GatewayBaud = s.int("gateway_baud", 0, between[int](300, 10_000_000))
	e.Echo = s.bool("echo", false)
	if s.has("rs485") {
		r := s.sub("rs485")
		e.RS485 = RS485{
			Enabled:   true,
			RTSBefore: r.duration("rts_before", 0, between[time.Duration](0, time.Second)),
			RTSAfter:  r.duration("rts_after", 0, between[time.Duration](0, time.Second)),
		}
		r.done()
	}
	switch {
	case e.Transport == "":
		return // reported
	case isSerial(e.Transport):
		s.only("gateway_baud", "a gateway behind a network URL; a serial port has ?baud= in its URL")
	default:
		s.only("rs485", "serial ports")
		s.only("echo", "serial ports")
	}
	if e.Connections > 1 && !isStream(e.Transport) {
		s.value("connections").problemf("only TCP and TLS have several connections")
	}
}

// unitIDs are the unit numbers of a transport: serial line numbers follow the specification (0 is a broadcast,
// 248 to 255 reserved), the others take what the byte holds.
func unitIDs(transport string) within[int] {
	switch transport {
	case "rtu", "ascii", "rtuovertcp", "rtuoverudp", "asciiovertcp":
		return between[int](1, 247)
	}
	return between[int](0, 255)
}

// acceptUnit reads which other unit may answer: its number, or any. Frames without numbers leave the unit as the only
// sign of whose answer one is.
func acceptUnit(s *section, transport string) string {
	v := s.value("accept_unit")
	text := strings.ToLower(strings.TrimSpace(v.text))
	if !v.ok || v.open || text == "" {
		return ""
	}
	n, err := strconv.ParseUint(text, 10, 8)
	switch {
	case transport != "" && !hasTransactions(transport):
		v.problemf("is for tcp://, tls:// and udp://, whose answers bear the number of their request")
	case text == AnyUnit:
		return AnyUnit
	case err != nil:
		v.problemf("must be a unit's number from 0 to 255, or any")
	default:
		return strconv.FormatUint(n, 10)
	}
	return ""
}

func hasTransactions(transport string) bool {
	return transport == "tcp" || transport == "tls" || transport == "udp"
}

func readOrder(s *section) mapping.Order {
	v := s.value("order")
	if !v.ok || v.open {
		return mapping.ABCD
	}
	o, err := mapping.ParseOrder(v.text)
	if err != nil {
		v.problemf("must be %s%s", orList(mapping.OrderNames[:]), didYouMeanOrder(v.text))
	}
	return o
}

// readTLS reads the section of that name; wanted says whether the URL is one that uses it.
func readTLS(s *section, wanted bool, scheme string) TLS {
	if !s.has("tls") {
		s.node("tls")
		return TLS{}
	}
	sub := s.sub("tls")
	t := TLS{
		CA:          sub.file("ca"),
		Certificate: sub.file("certificate"),
		Key:         sub.file("key"),
		ServerName:  sub.text("server_name", ""),
		Insecure:    sub.bool("insecure", false),
	}
	sub.done()
	if (t.Certificate == "") != (t.Key == "") {
		s.d.problemf(sub.at, "tls needs both certificate and key, or neither")
	}
	if t.Insecure {
		s.d.warnf(sub.place("insecure"), "insecure: true takes any server for the right one")
	}
	if !wanted && t != (TLS{}) {
		s.d.problemf(sub.at, "tls without a TLS URL, so nothing would be encrypted: begin the url with %s", scheme)
	}
	return t
}
