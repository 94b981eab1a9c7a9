drop function note_added_holdings, note_changed_holding, forget_holdings cascade;
