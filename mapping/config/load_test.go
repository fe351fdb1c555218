package config

import (
	"os"
	"testing"
)

func TestSmoke(t *testing.T) {
	p := os.Getenv("CONF")
	if p == "" {
		p = "testdata/contract.yaml"
	}
	c, ps := Load(p, Options{Expand: true})
	for _, p := range ps {
		t.Log(p)
	}
	t.Logf("%+v", c)
}
