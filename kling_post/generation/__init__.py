"""Shot to take: requests, backends, the ledger and the producer. Knows network and money, nothing of pixels."""
