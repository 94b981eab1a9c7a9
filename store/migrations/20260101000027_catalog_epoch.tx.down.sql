alter table rights_epoch drop column catalog;
