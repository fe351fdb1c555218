package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// parseURL is the URL that text is, or what keeps it from being one, which repeats nothing of it.
func parseURL(text string) (*url.URL, error) {
	if strings.ContainsAny(text, " \t\r\n\u00A0") {
		return nil, errors.New("blanks in it, or after it")
	}
	u, err := url.Parse(text)
	switch {
	case passwordBehindHost(text):
		return nil, errUserInfo
	case err == nil:
		return u, nil
	case strings.Contains(err.Error(), "invalid port"):
		return nil, errPort
	case strings.Contains(err.Error(), "invalid userinfo"), strings.Contains(err.Error(), "invalid URL escape"):
		return nil, errUserInfo
	}
	return nil, errors.New("not a URL: write it like tcp://host:502")
}

// passwordBehindHost reports an @ behind a sign that ends the host: that of a password which holds the sign. OPC UA's
// paths may have one.
func passwordBehindHost(text string) bool {
	scheme, rest, _ := strings.Cut(text, "://")
	end := strings.IndexAny(rest, "/?#")
	return end >= 0 && strings.Contains(rest[end:], "@") && !isSerial(scheme) && !strings.EqualFold(scheme, "opc.tcp")
}

var (
	errUserInfo = errors.New("signs such as / ? # @ : % of a user or password are written %2F %3F %23 %40 %3A %25; username and password have keys of their own, too")
	errPort     = errors.New("the port must be from 1 to 65535")
	errBrackets = errors.New("one colon too many: an IPv6 address is written in brackets, such as [fe80::1]:502")
	errIPv4     = errors.New("no IP address: four numbers from 0 to 255 with dots between them, without leading zeros")
)

// hostPort is host:port of u, the default port filled in. The host is written in one way, so that what is equal is
// known to be: names in small letters, addresses in their short form.
func hostPort(u *url.URL, def int) (string, error) {
	port := u.Port()
	switch {
	case u.Opaque != "":
		return "", errors.New("two slashes belong after the colon, such as tcp://host:502")
	case u.Hostname() == "":
		return "", errors.New("no host")
	case strings.Count(u.Host, ":") > 1 && u.Host[0] != '[':
		return "", errBrackets
	}
	host, err := hostName(u.Hostname())
	switch {
	case err != nil:
		return "", err
	case port == "" && def == 0:
		return "", errors.New("no port: this transport has no usual one")
	case port == "":
		port = strconv.Itoa(def)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return "", errPort
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

func hostName(host string) (string, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.String(), nil
	}
	switch {
	case strings.Trim(host, "0123456789.") == "":
		return "", errIPv4
	case strings.ContainsAny(host, " \t"):
		return "", errors.New("blanks in the host's name")
	}
	return strings.ToLower(host), nil
}
