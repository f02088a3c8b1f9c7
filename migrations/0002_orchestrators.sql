-- What session managers and orchestrators say: ntm, gastown.

