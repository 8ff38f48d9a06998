// The step-ca of Smallstep with software keys only: none of the clouds that the whole program links.
package main

import (
	"log"
	"os"
	"strconv"

	"github.com/smallstep/certificates/acme"
	"github.com/smallstep/certificates/authority/config"
	"github.com/smallstep/certificates/ca"
	_ "github.com/smallstep/certificates/cas/softcas"
	_ "go.step.sm/crypto/kms/softkms"
)

func main() {
	settings, err := config.LoadConfiguration(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// Proofs by http-01 are looked for on port 80 otherwise, which no test can have.
	if port, err := strconv.Atoi(os.Getenv("HTTP01_PORT")); err == nil {
		acme.InsecurePortHTTP01 = port
	}
	server, err := ca.New(settings)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Run())
}
