-- Judgement: health, predictions, incidents.

