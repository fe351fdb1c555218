package bridge

import (
	"fmt"

	"tagbridge/mapping/config"
)

// PublicURL is the address of an endpoint without anything secret.
func PublicURL(e config.Endpoint) string {
	if e.Transport == "" {
		return e.Key // as it is written
	}
	url := e.Transport + "://" + e.Address
	if s := e.Serial; s.Baud > 0 {
		url += fmt.Sprintf("?baud=%d&data=%d&parity=%s&stop=%d", s.Baud, s.Data, s.Parity, s.Stop)
	}
	return url
}
