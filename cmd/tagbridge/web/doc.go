// Package web answers HTTP for a running bridge: the lists of the API, health, metrics, and who may ask for them. It is
// above the bridge and asks it for snapshots; the bridge knows it only as a Server that it opens and serves. It changes
// nothing and touches no device.
package web
