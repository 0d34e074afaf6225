## Witnesses: who cosigned the ledger's head, and which ledgers this machine witnesses.

witness-who = Who witnesses this ledger
witness-why = A witness is a machine of another chapter. Before it signs, it checks that the ledger was only continued, with nothing changed or left out; so nobody can show two people two different ledgers.
witness-nobody = No other chapter witnesses this ledger yet. Who has the ledger’s key and the server could still show one ledger to one person and another to somebody else.
witness-none-yet = The ledger names witnesses, but none has ever signed.
witness-signed = { $count ->
    [one] signed the first entry, at
   *[other] signed the first { $count } entries, at
}
witness-waits = { $count ->
    [one] One newer entry waits for a signature.
   *[other] { $count } newer entries wait for a signature.
}
witness-all = No entry waits for a signature.
witness-not-yet = has never signed.
witness-own = This key belongs to the very machine that keeps the ledger: its signature proves nothing more.
witness-no-url = The ledger gives no address for this witness, so heads are not sent to it from here.
witness-unasked = Whoever keeps this machine has set that this witness is not asked any more.
witness-newest = Newest head that a witness signed
witness-key = The witness’s key
witness-quorum = The ledger’s policy file asks for no number of witnesses, because a new head always comes out a little before their signatures. How many are enough is for the checker to say: write a policy file of your own and run minhbach verify with --policy.
witness-trust-best = { $count ->
    [one] The witness { $name } signed the first entry of the ledger, at
   *[other] The witness { $name } signed the first { $count } entries of the ledger, at
}
witness-trust-more = Verify
witness-receipt-yes = The witness { $name } signed a head with this gift in it, at
witness-receipt-not-yet = No witness has signed a head with this gift in it yet; come back later.
witness-receipt-nobody = No other chapter witnesses this ledger yet.
witness-trouble-unreachable = When asked last: the witness’s machine did not answer or was busy; it will be asked again.
witness-trouble-unknown = When asked last: the witness has not agreed to witness this ledger, or does not know its key.
witness-trouble-strange = When asked last: this address does not answer as a witness does.
witness-trouble-signature = When asked last: the signature that came back is not the witness’s; it was refused.
witness-trouble-misfit = When asked last: the witness says that this head does not continue the one it signed.
witness-trouble-ahead = The witness holds a head that the data here does not have: an old state may have been restored on this machine. The ledger is closed.
witness-trouble-store = The last asking was not finished because this machine was busy; it will ask again.

witness-title = Witnessing other chapters’ ledgers
witness-lead = This machine remembers the last head that it signed of each ledger below, and signs only a head that continues the one remembered.
witness-our-key = The witness key of this machine
witness-our-key-why = A chapter that wants to be witnessed enters this key and the address below in its own ledger (Administration, Add a witness).
witness-no-key = This machine has no witness key yet. Whoever keeps it makes one with the command minhbach witness.
witness-address = Address for heads:
witness-ledgers = Ledgers witnessed here
witness-no-ledgers = This machine witnesses no ledger yet.
witness-held = { $count ->
    [one] One entry, signed at
   *[other] { $count } entries, signed at
}
witness-held-file = The signed head
witness-left = no longer in the settings
witness-waiting = no head was submitted yet
witness-forks = Two different ledgers under one name
witness-forks-why = The ledger’s key signed two heads that cannot both be of one ledger. This is evidence that anybody can check; tell the auditors and the upper chapter, and do not trust that ledger until it is clear why.
witness-refused = Heads that were refused
witness-refused-why = A signed head was submitted with a proof that does not fit. The sender may have made a mistake, or the ledger may have been split; this is not enough to tell.
witness-pair = held { $held } entries, { $submitted } were submitted, at
witness-pair-file = Both heads
admin-witness-own-page = Which ledgers this machine witnesses
fault-witness-key-log = { $label }: this is the key of a ledger, not of a witness; ask for the line “witness key” on their page /nhan-chung
fault-witness-key-named = { $label }: the ledger names this key already
fault-witness-name-named = { $label }: the ledger has a witness of this name already
fault-witness-url = { $label }: type an address that begins with https:// or http://, without spaces, ?, # or a user name
public-warning-witness = A witness signed more entries than this machine has. The ledger is closed until it is clear why; the figures below may be incomplete.
