-- A useful vocabulary to start with. One transaction: one contract revision.
select set_config('ihf.actor', 'migration', true);

insert into widget_types (name, label, description) values
  ('button', 'Button', 'Starts an action when it is pressed.'),
  ('link', 'Link', 'Leads to another place.'),
  ('form', 'Form', 'A group of inputs that is submitted as one.'),
  ('text_input', 'Text input', 'Takes text that somebody types.'),
  ('search_box', 'Search box', 'Takes a query and leads to its results.'),
  ('select', 'Select', 'Offers a list to choose from.'),
  ('checkbox', 'Checkbox', 'An option that is on or off, confirmed with its form.'),
  ('toggle', 'Toggle', 'A switch that takes effect at once.'),
  ('slider', 'Slider', 'Sets a number on a scale.'),
  ('menu', 'Menu', 'A list of commands or places.'),
  ('tab', 'Tab', 'Shows one of several panels in the same place.'),
  ('dialog', 'Dialog', 'A window above the page that waits for an answer.'),
  ('banner', 'Banner', 'A notice across the page.'),
  ('card', 'Card', 'One item of a collection, shown as a unit.'),
  ('carousel', 'Carousel', 'Shows one of several items, to be paged through.'),
  ('chart', 'Chart', 'A picture of numbers.'),
  ('data_table', 'Data table', 'Rows and columns, often sortable.'),
  ('map', 'Map', 'A picture of places.'),
  ('image', 'Image', 'A picture.'),
  ('video', 'Video', 'A moving picture that can be played.'),
  ('audio', 'Audio', 'A sound that can be played.');

insert into event_types (name, label, description) values
  ('viewed', 'Viewed', 'The widget came into view.'),
  ('clicked', 'Clicked', 'Somebody pressed and released a pointer on the widget, or did the same by keyboard.'),
  ('focused', 'Focused', 'The widget received the keyboard focus.'),
  ('changed', 'Changed', 'The value of the widget was changed.'),
  ('submitted', 'Submitted', 'The widget''s content was sent.'),
  ('searched', 'Searched', 'A query was sent.'),
  ('selected', 'Selected', 'An option of the widget was chosen.'),
  ('opened', 'Opened', 'The widget was opened or expanded.'),
  ('closed', 'Closed', 'The widget was closed or collapsed.'),
  ('dismissed', 'Dismissed', 'The widget was sent away without an answer.'),
  ('scrolled', 'Scrolled', 'The content of the widget was scrolled.'),
  ('dragged', 'Dragged', 'The widget, or something in it, was moved by a pointer.'),
  ('played', 'Played', 'Playing began or went on.'),
  ('paused', 'Paused', 'Playing was interrupted.'),
  ('completed', 'Completed', 'What the widget leads through was finished.'),
  ('failed', 'Failed', 'The widget could not do what was asked.');

insert into annotation_categories (name, label, description) values
  ('bug', 'Bug', 'Something does not work as it should.'),
  ('usability', 'Usability', 'Something is hard to understand or to use.'),
  ('accessibility', 'Accessibility', 'Something keeps people out.'),
  ('performance', 'Performance', 'Something is slow.'),
  ('content', 'Content', 'A text or a picture is wrong, missing or out of date.'),
  ('idea', 'Idea', 'Something could be better.'),
  ('question', 'Question', 'Something needs an answer.'),
  ('experiment', 'Experiment', 'Something belongs to a test of variants.'),
  ('note', 'Note', 'Something worth remembering.');
